"""Charts as plain Plotly figures."""
