"""What pages are made of: cards, charts, tables, controls, words and colours."""
