"""The lab's downloads: the network at alpha, the curves of all, and a script that repeats it in plain PyTorch with its data."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from lsviz.figures.live import nearest_stop
from lsviz.lab.data import make_data
from lsviz.lab.export import curve_columns, data_file, run_file, script
from lsviz.lab.run import LabRun
from lsviz.ui.controls import view_state
from lsviz.ui.foot import csv_text
from lsviz.ui.lab_settings import uploaded
from lsviz.ui.texts import t


def exports(run: LabRun) -> None:
    """Three buttons; the files are made on the click."""
    alpha = run.config.alphas[nearest_stop(run.config.alphas, view_state().alpha)]
    table = uploaded()
    name = f"lsviz-lab-{run.config.data}-{alpha:g}"
    made = {"on_click": "ignore", "icon": ":material/download:"}
    with st.container(horizontal=True, gap="small"):
        st.download_button(t("lab.save_run", alpha=f"{alpha:g}"), lambda: run_file(run, alpha), f"{name}.safetensors", "application/octet-stream", key="lab_save_run", **made)
        st.download_button(t("lab.save_curves"), lambda: csv_text(curve_columns(run)), "lsviz-lab-curves.csv", "text/csv", key="lab_save_curves", **made)
        st.download_button(t("lab.save_script"), lambda: _script(run, alpha, table), f"{name}.zip", "application/zip", key="lab_save_script", **made)


def _script(run: LabRun, alpha: float, table) -> bytes:
    data, file = make_data(run.config, table), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("train.py", script(run.config, alpha, data.train_x.shape[1]))
        folder.writestr("lab-data.npz", data_file(data))
    return file.getvalue()
