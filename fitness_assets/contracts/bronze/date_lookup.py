from fitness_assets.contracts.model import Column, Kind, Layer, Table
from fitness_assets.contracts.technical import LANDED, UNREADABLE

TABLE = Table(
    layer=Layer.BRONZE,
    name="date_lookup",
    kind=Kind.LANDED,
    description="Twenty years of the financial calendar: for each day its place in month, week and year.",
    grain="one calendar record as it landed",
    columns=(
        Column("date", "date", "The day."),
        Column("dayofmonth", "int", "Day of the month, 1 to 31."),
        Column("dayofweek", "int", "Day of the week."),
        Column("dayofyear", "int", "Day of the year, 1 to 366."),
        Column("month", "int", "Month, 1 to 12."),
        Column("week", "int", "Financial week of the year."),
        Column("year", "int", "Financial year."),
        Column("week_part", "string", "Financial year and week, such as 2023-1."),
    ),
    technical=LANDED + UNREADABLE,
)
