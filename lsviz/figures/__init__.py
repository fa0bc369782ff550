"""Numbers in, plotly figures out. No streamlit, no files; words come in as a mapping."""
