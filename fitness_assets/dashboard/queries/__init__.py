"""The queries of the pages: plain functions of the table reader that give frozen dataclasses and Arrow tables.

All times are UTC. Where hours of the day or days are counted, the argument `time_zone` (an IANA name, UTC unless
given) says whose. `now` is the present instant unless given; with recorded data pass `get_latest_event_time(...)`.
Names, addresses and what else tells who somebody is are masked unless `unmasked` is True.
"""
