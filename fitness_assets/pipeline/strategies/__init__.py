"""How each kind of table is updated."""
