"""Azure SQL to the landing zone: new and changed rows of two tables, as the contract's CSV files.

`extract` reads a table, leaves out what its ledger says was landed before, notes the rest in the ledger and
then writes it. What the ledger has is landed, now or at the next start, so a crash neither loses nor doubles a row.
"""
