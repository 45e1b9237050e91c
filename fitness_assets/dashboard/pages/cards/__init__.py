"""Cards with much behind them, or of more than one page."""
