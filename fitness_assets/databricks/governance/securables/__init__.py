"""The objects of Unity Catalog: their names, privileges and keys, and how SQL writes them."""
