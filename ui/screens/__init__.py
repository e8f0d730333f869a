"""The pages, one file each: Streamlit runs a page's file when a visitor opens it."""
