"""What to do when a check does not pass: said beside the failure, and in docs/operations.md."""

REMEDIES = {
    "schema": "Another hand changed the table meanwhile. The next run gives it the columns of its contract, or says "
    "what stands against that.",
    "not_null": "Look for the rows without a value. Where another hand wrote them, `fitness-assets run TABLE "
    "--full-refresh` mends the table; where ours did, a transform is wrong.",
    "unique_key": "Another hand wrote rows twice. `fitness-assets run TABLE --full-refresh` mends the table.",
    "accepted_values": "A new value arrives, or another hand wrote it. Add it to the contract if it is meant; "
    "otherwise `fitness-assets run TABLE --full-refresh`.",
    "relationships": "A source lost rows that this table still has. Bring both up to date with `fitness-assets run`; "
    "if it stays, `fitness-assets run TABLE --full-refresh`.",
    "landed_equals_loaded": "`wrong` names files of which bronze has more or fewer records than they had. After a "
    "restore of the table their files are gone too: put them back into the landing zone, and the next update reads "
    "them. Where all are there and the check stays, `fitness-assets run TABLE --full-refresh` loads them anew. The "
    "same gives up what nobody has any more: those records are lost then, and the check says no more of them.",
    "known_fields": "Producers send fields that the contract does not know. They are kept; add them to the contract "
    "(docs/extending.md) if they are to be used.",
    "each_offset_once": "Another hand wrote records of the broker again. Delete the doubled rows, which source_file, "
    "partition and offset name; the next run goes on.",
    "nothing_missed": "Records were gone from the broker before they were read. Bring them in as files if anyone has "
    "them, then strike the gaps off with `fitness-assets kafka --accept-gaps`.",
    "nothing_lost": "Bronze has what landed, or `landed_equals_loaded` would have held this table back. So a table "
    "above bronze lost or doubled a record, which is an error of ours: please report it. "
    "`fitness-assets validate` names the table, `fitness-assets run` with its name and `--full-refresh` mends it.",
}
"""By the name of the check; TABLE stands for the table's full name."""

_OTHERWISE = "`fitness-assets validate` computes everything anew and shows what differs."


def remedy_for(check: str, table: str) -> str:
    """What to do when a check of a table does not pass."""
    return REMEDIES.get(check, _OTHERWISE).replace("TABLE", table)
