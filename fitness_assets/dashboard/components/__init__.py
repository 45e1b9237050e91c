"""What pages are made of: cards, charts, tables, filters, text and colours."""
