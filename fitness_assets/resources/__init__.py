"""What Dagster hands to assets, jobs, sensors and schedules.

Of a `ConfigurableResource` every run and every tick gets a copy of its own. What must last over ticks, such as a
broker's client, lies in a plain object, which Dagster hands out as it is: the watchers and the debouncer.
"""
