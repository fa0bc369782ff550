"""The lab's downloads: the network at alpha, the curves of all, and a script that repeats it in plain PyTorch with its data."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from lsviz.figures.live import nearest_stop
from lsviz.lab.data import make_data
from lsviz.lab.export import curve_columns, data_file, run_file, script
from lsviz.lab.run import LabRun
from lsviz.pages.lab.settings import uploaded
from lsviz.texts.catalogue import t
from lsviz.ui import controls, handed
from lsviz.ui.foot import csv_text
from lsviz.ui.saving import save_button


def exports(run: LabRun, near: float) -> None:
    """The network at alpha on the page Your model, beside the hard one; and three downloads, made on the click."""
    if not controls.offers("save"):
        return
    whole, table = run.smoothed, uploaded()
    alpha = whole.config.alphas[nearest_stop(whole.config.alphas, near)]
    name = f"lsviz-lab-{run.config.data}-{alpha:g}"
    with st.container(horizontal=True, gap="small"):
        st.button(t("lab.open_yours"), on_click=_open, args=(whole, alpha), icon=":material/arrow_forward:", key="lab_open_yours")
        save_button(
            t("lab.save_run", alpha=f"{alpha:g}"),
            lambda: run_file(whole, alpha),
            f"{name}.safetensors",
            "application/octet-stream",
            key="lab_save_run",
        )
        save_button(
            t("lab.save_curves"), lambda: csv_text(curve_columns(run)), "lsviz-lab-curves.csv", "text/csv", key="lab_save_curves"
        )
        save_button(
            t("lab.save_script"), lambda: _script(whole, alpha, table), f"{name}.zip", "application/zip", key="lab_save_script"
        )


def _open(run: LabRun, alpha: float) -> None:
    chosen = dict.fromkeys((alpha, 0.0))
    handed.hand(*(handed.Handed(f"lsviz-lab-{run.config.data}-{a:g}.safetensors", run_file(run, a)) for a in chosen))
    controls.open_view("yours", controls.view_state())


def _script(run: LabRun, alpha: float, table) -> bytes:
    data, file = make_data(run.config, table), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("train.py", script(run.config, alpha, data.train_x.shape[1]))
        folder.writestr("lab-data.npz", data_file(data))
    return file.getvalue()
