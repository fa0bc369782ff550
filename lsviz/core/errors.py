"""One exception for everything a user can put right; one table with its English sentences."""

from __future__ import annotations

# Every sentence names what is wrong and what to do. `ui` translates by code; the command line prints these.
MESSAGES: dict[str, str] = {
    # input.*: what core/checks.py finds in arrays
    "input.shape": "{argument} has the shape {shape}, expected {expected}. Check the order of the axes and the number of rows.",
    "input.empty": "{argument} holds no rows. Pass at least one example.",
    "input.not_finite": "{argument}, row {row}: {value} is not a finite number. Remove that row, or find what produced it.",
    "input.probability": "{argument}, row {row}: {value} lies outside 0 to 1. Pass probabilities; if these are logits, use the logits' function.",
    "input.row_sum": "{argument}, row {row} sums to {value}, not to 1. Pass probabilities; if these are logits, use the logits' function.",
    "input.label": "{argument}, row {row}: class {value} does not exist, classes go from 0 to {last}. Check that labels count from 0.",
    "input.label_whole": "{argument}, row {row}: {value} is not a whole number. Pass class indices that count from 0.",
    "input.few": "{argument} holds too few {what} for this: {found}. Pass more examples.",
    "input.truth": "{argument}, row {row}: {value} is neither 0 nor 1. Pass True or 1 where the prediction was right, else False or 0.",
    "input.number": "{argument} is {value}. Choose a value from {low} to {high}.",
    "input.choice": "{argument} is {value!r}, which is not known. Choose one of: {choices}.",
    # smoothing.*
    "smoothing.num_classes": "num_classes is {value:g}. The convention {convention!r} needs a whole number of {least} or more.",
    "smoothing.steps": "steps is {value}. Pass a list of step counts that starts at 0 or more and rises.",
    # noise.*
    "noise.singular": "These labels say nothing about the classes (the transition matrix has no inverse). Choose less noise.",
    # similar.*
    "similar.weights": "Every row needs a weight above 0 off the diagonal, and none below 0.",
    # calibration.*
    "calibration.edges": "edges is {value}. Bin edges must rise strictly from exactly 0 to exactly 1.",
    "calibration.pairs": "The two models have {first} and {second} examples. A paired comparison needs the same examples in the same order.",
    # geometry.*
    "geometry.plane": "The three templates lie on one line, so they span no plane. Choose three other classes.",
    # store.*: checkpoints on disk. Each sentence ends with the command that mends it.
    "store.empty": "{folder} holds no networks yet. Train some: python -m lsviz.training.sweep --data PATH --out checkpoints --plan small",
    "store.manifest": "{file} cannot be read: {reason}. Restore it: git checkout -- checkpoints",
    "store.newer": "{file} has schema version {found}, this program knows up to {known}. Update the program: git pull",
    "store.entry": "{file} describes the run {run} wrongly ({reason}). Restore it: git checkout -- checkpoints",
    "store.outside": "The run {run} points to {file}, which is not a file of its folder. Restore the manifest: git checkout -- checkpoints",
    "store.missing": "{file} is missing, so the run {run} cannot be shown. Restore it: git checkout -- checkpoints",
    "store.damaged": "{file} is damaged: {reason}. Restore it: git checkout -- checkpoints",
    "store.array": "{file} holds {name} as {found} instead of {expected}. Restore it: git checkout -- checkpoints",
    "store.not_finite": "{run} holds values that are not numbers in {name}. Train it again: python -m lsviz.training.sweep",
    "store.metric": "{run}: the stored logits give {name} {found}, the manifest says {told}. Restore both: git checkout -- checkpoints",
    "store.coarse": "{run} stored {name} with the 8 bits of bfloat16: {distinct:,} different values of {count:,}, so answers tie and ECE moves. Remove it and train it again: python -m lsviz.store remove {run}",
    "store.features": "The networks for N = {n} were stored without features, so there is no picture of them. Choose another N, or train them again: python -m lsviz.training.sweep --data PATH --out checkpoints --plan small",
    "store.no_features": "{run} was stored without features: it has a plane, which its logits give, but no PCA and no UMAP. Choose the plane or another network.",
    "store.layout": "The run {run} has no stored UMAP layout. Lay it out: python -m lsviz.training.layouts checkpoints",
    "store.validation": "The run {run} was stored without validation images. Train it again: python -m lsviz.training.sweep",
    "store.images": "The run {run} shows other images than {first}, so points cannot move from one to the other. Restore both: git checkout -- checkpoints",
    "store.superseded": "{folder} already holds {run}, trained on {there}; the other one is of {here}. Put it in this one's place: --replace",
    "store.unknown_run": "There is no run {run} in {folder}. List them: python -m lsviz.store table",
    "store.readme": "That file has no lines {start} and {end}. Put both where the grid belongs.",
    "store.unwritable": "{folder} cannot be written: {reason}. Free some space or choose another --out.",
    "published.file": "{file} cannot be read: {reason}. Restore it: git checkout -- lsviz/store/published.toml",
    "published.entry": "{file}: block {place} of results is wrong: {reason}. Mend it, or restore it: git checkout -- lsviz/store/published.toml",
    # data.*, training.*: reading CIFAR-100 and training on it
    "data.missing": "{path} holds no CIFAR-100. Pass the folder with the shards, or the official binary release (cifar-100-binary.tar.gz, packed or unpacked).",
    "data.damaged": "{file} cannot be read: {reason}. Get the file again.",
    "data.records": "The {which} file in {path} holds {found} records instead of {expected}. Get the data set again.",
    "data.label": "The {which} file in {path} has the impossible label {value} in record {row}. Get the data set again.",
    "training.diverged": "The loss of {run} is not finite after epoch {epoch}. Train it with a lower learning rate.",
    "training.ran_away": "{run} ran away: after its last epoch its logits reach {reach:.3g}, more than is stored. Train it with a lower learning rate.",
    "training.teacher": "{run} learns from a teacher whose weights were not given. Train it by the sweep, which trains the teacher first.",
    "training.scheduler": "--launcher dask and --scheduler belong together. Give both: --launcher dask --scheduler tcp://host:8786",
    "training.dask": "Dask is not installed here. Install it: pip install distributed",
    "training.cluster": "The Dask scheduler at {scheduler} cannot be reached: {reason}. Start it, or choose --launcher local.",
    "training.recipe": "{folder} already holds {run} with another recipe. Choose another --out, or remove that run.",
    # lab.*: live training
    "lab.no_table": "No table was uploaded. Upload a CSV file, or choose another data set.",
    "lab.few_rows": "The data have {rows} rows, too few to train, check and test on. Bring at least 16.",
    "lab.too_much": "This training is {times} times larger than the lab allows. Lower width, depth, epochs or the number of examples.",
    "lab.too_wide": "One batch of this training needs {times} times the memory that the lab allows. Lower batch, width or depth.",
    "lab.too_slow": "Not one epoch was finished in {seconds} seconds. Lower width, depth or the number of examples.",
    "lab.gone": "The training process ended before it was done, perhaps for lack of memory. Train again, with a smaller network.",
    "lab.failed": "The training stopped: {reason}. Change the settings and train again.",
    "umap.failed": "The layout failed: {reason}. Change a setting and try again.",
    "lab.csv_size": "The table has {megabytes} MB, more than the {most} MB the lab takes. Bring fewer rows.",
    "lab.csv_line": "A line of the table has more than {most} characters. Bring one row a line, with at most {features} features.",
    "lab.csv_text": "The file is not CSV text in UTF-8: {reason}. Save it as CSV (UTF-8) and upload it again.",
    "lab.csv_empty": "The file holds no rows. Upload a table with features and a label in every row.",
    "lab.csv_rows": "The table has {rows} rows. Bring {least} to {most}.",
    "lab.csv_columns": "The table has {columns} columns. Bring one label and 1 to {most} features.",
    "lab.csv_ragged": "Row {row} has {found} cells, the first row has {expected}. Give every row the same columns.",
    "lab.csv_missing": "Column {column}, row {row} is empty. Fill it or remove that row.",
    "lab.csv_value": "Column {column}, row {row}: {value!r} is not a number the lab can learn from. Turn text into numbers first.",
    "lab.csv_label": "Column {column}, row {row}: the label {value} is not a whole number. Number the classes, or name the label column 'label'.",
    "lab.csv_classes": "Column {column} holds {count} different labels. Bring 2 to {most} classes, or name the label column 'label'.",
    # outside.*: outputs of somebody's own network
    "outside.empty": "The file holds no rows. Save at least one example.",
    "outside.one_class": "The table of scores has {found} columns. Save one column a class, at least 2.",
    "outside.too_many": "The file holds {found:,} {what}, the limit is {limit:,}. Save a random part of the rows.",
    "outside.no_scores": "No table of scores was found among these names: {names}. Name it logits or probs: one row an example, one column a class.",
    "outside.no_labels": "No labels were found among these names: {names}. Name them labels: one whole number a row.",
    "outside.not_numbers": "The {name} are of type {found}, not numbers. Save plain numbers.",
    "outside.shape": "The {name} have the shape {shape}, expected {expected}. Check that scores and labels are of the same examples.",
    "outside.together": "This file was left out: together the files hold more than {limit:,} scores. Save fewer rows of each.",
    "outside.slow": "Reading and measuring took longer than {limit} seconds and was stopped. Save a random part of the rows.",
    "outside.unreadable": "{file} cannot be read: {reason}. Check its path.",
    "outside.few": "The file holds {found} usable rows. At least {least} are needed to say anything.",
    "outside.unpaired": "The two files are not of the same examples: {reason}. Save both over the same rows in the same order.",
    "outside.format": "{name} is none of .safetensors, .npz, .csv and .parquet. Save it as one of them; the template shows how.",
    "outside.bytes": "The file has {found:,} bytes, the limit is {limit:,}. Save fewer rows, or float32 in place of float64.",
    "outside.unpacked": "The file unpacks to {found:,} bytes, the limit is {limit:,}. Save fewer rows, or float32 in place of float64.",
    "page.bytes": "The file has {found:,} bytes, this page takes {limit:,}. Save fewer rows or float32, or run on your own machine: python -m lsviz report FILE",
    "page.unpacked": "The arrays take {found:,} bytes once unpacked, this page has {limit:,} for them. Save fewer rows or float32, or run on your own machine: python -m lsviz report FILE",
    "page.too_many": "The file holds {found:,} {what}, this page takes {limit:,}. Save a random part of the rows, or run on your own machine: python -m lsviz report FILE",
    "page.uploads": "This file was let go: together the files of one visitor may have {limit} MB here, and newer ones came. Remove some, then upload it again.",
    "gate.waiting": "Other files are being read, and {seconds} seconds were not enough for them. Try again in a minute; everything else works.",
    "outside.damaged": "This is no sound {format} file: {reason}. Save it again.",
    "outside.pickled": "The file holds Python objects (a pickle). They can run code, so they are never opened. Save plain arrays.",
    "outside.no_label_column": "No column of labels was found. Name it label; every other column is the score of one class.",
    "outside.cell": "The column {column} holds {value}, which is no number. Save plain numbers, one column a class.",
    "outside.label_word": "The label {value} is the name of no column. Save labels as whole numbers from 0, or as the columns' names.",
    "capture.no_linear": "{model} calls no torch.nn.Linear, so there is no last layer to watch. Name one: capture(..., layer=NAME)",
    "capture.no_layer": "{layer} is no linear layer of this model. Choose one of: {known}.",
    "capture.layer": "The layer {layer} gave {shape} where one row of logits for each label was expected. Name the classifier's last layer.",
    "capture.batch": "The loader gave {found}. It should give (inputs, labels), or a mapping with labels in it.",
    "capture.labels": "The labels are {dtype} {shape}. They should be one whole number for each row; mixup and soft labels cannot be captured.",
    # memory.*
    "memory.busy": "The server is busy: this needs about {need} MB of memory and {left} MB are left. Try again in a few minutes; everything else works.",
    # scene.*: lectures as TOML
    "scene.toml": "Line {line}{key}: this is not TOML: {reason}.",
    "scene.schema": "Line {line}, schema: found {found}. Write schema = {known} on the first line.",
    "scene.key": "Line {line}, {key}: a lecture has no such key. The keys are {known}.",
    "scene.missing": "Line {line}, {key}: it is missing or empty. Write a text there.",
    "scene.text": "Line {line}, {key}: this must be text in quotes.",
    "scene.flag": "Line {line}, {key}: this must be true or false.",
    "scene.page": "Line {line}, page: there is no page {value}. The pages are {known}.",
    "scene.query_name": "Line {line}, query: {part} is not name=value with a known name. The names are {known}.",
    "scene.query_value": "Line {line}, query: {part} is out of range. {name} takes {allowed}.",
    "scene.no_question": 'Line {line}, reveal: there is an answer without a question. Write ask = "..." too.',
    "scene.no_answer": "Line {line}, blank: nothing would ever show this page. Write ask and reveal too.",
    "scene.empty": "Line {line}, step: there is no step. Write [[step]] with page and say below it.",
    "scene.block": "Line {line}, step: steps are written as [[step]] blocks.",
    "scene.many": "Line {line}, step: these are too many. A lecture has at most {most} steps.",
    "scene.size": "This lecture is too long. Keep it below {most} bytes.",
    "scene.long": "Line {line}, {key}: this text is too long. Keep it below {most} characters, or make two steps of it.",
    "scene.shape": 'Line {line}: no lecture is nested, dotted or numbered like this. Write key = "text" below [[step]], as in the example.',
    "scene.unknown": "There is no lecture {name}. The lectures are {known}.",
    "scene.link": "The lecture in this link is incomplete. Copy the whole link again, or upload the file.",
    # reason.*: what another sentence gives as its {reason}, {what} or {found}
    "reason.nothing": "nothing",
    "reason.array": "an array",
    "reason.rows": "rows",
    "reason.classes": "classes",
    "reason.scores": "scores",
    "reason.other_classes": "one has {first} classes, the other {second}",
    "reason.other_rows": "one has {first} rows, the other {second}",
    "reason.other_labels": "{apart} of {rows} labels differ",
    "reason.bytes": "it has {found} bytes, the manifest says {told}",
    "reason.hash": "its SHA-256 differs from the manifest's",
    "reason.no_runs": "it has no schema_version and list of runs",
    "reason.version": "schema version {version} is unknown",
    "reason.line": "a line has more than {limit} characters",
    "reason.encoding": "it is packed in a way that is not read here (number {number})",
    "reason.memory": "it asks for more memory than there is",
    "reason.no_text": "it holds bytes that are no text",
    "reason.cells": "rows have {found} cells, the first line has {told}",
    "reason.footer": "it holds {found} rows, its footer says {told}",
    "reason.header_size": "its header claims {claimed} bytes of {found}",
    "reason.header_table": "its header is no table of at most {most} arrays",
    "reason.impossible": "{name} has an impossible type, shape or place",
    "reason.place": "{name} does not fill its place of {bytes} bytes",
    "reason.shared": "two arrays share bytes",
    "reason.files": "it holds {count} files",
    "reason.npz_version": "{name} is of version {version}",
    "reason.npz_shape": "{name} claims the shape {shape}, which its bytes do not fill",
    # temperature.*
    "temperature.bounds": "bounds is ({low}, {high}). Pass two temperatures above 0, the lower one first.",
}


class LsvizError(ValueError):
    """A mistake the user can mend: `code` names it, `values` fill its sentence in any language; a value that is words is an error itself."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(MESSAGES[code].format(**values))

    def bare(self) -> LsvizError:
        """The same error to be kept: one that was raised holds on to every variable on its way, a whole file among them."""
        return type(self)(
            self.code, **{name: value.bare() if isinstance(value, LsvizError) else value for name, value in self.values.items()}
        )

    def __reduce__(self) -> tuple[object, ...]:  # keyword arguments survive the trip through a process pool
        return (_rebuild, (type(self), self.code, self.values))


def _rebuild(kind: type[LsvizError], code: str, values: dict[str, object]) -> LsvizError:
    return kind(code, **values)


class MissingArray(LsvizError, KeyError):
    """A stored run holds no array of this name; a KeyError too, as arrays are read from a mapping."""

    __str__ = ValueError.__str__  # KeyError's would put the sentence in quotes
