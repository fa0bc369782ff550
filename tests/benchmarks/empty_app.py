"""The least a Streamlit script can do: the baseline of every rerun."""

import streamlit as st

st.write("empty")
