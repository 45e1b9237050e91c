from fitness_assets.contracts.audit_columns import INGESTION_COLUMNS, LINE_COLUMNS
from fitness_assets.contracts.model import Column, Layer, Table, UpdateStrategy

TABLE = Table(
    layer=Layer.BRONZE,
    name="date_lookup",
    strategy=UpdateStrategy.APPEND,
    description="Twenty years of the financial calendar: for each day its place in month, week and year.",
    grain="one calendar record as it landed",
    columns=(
        Column(name="date", type="date", description="The day."),
        Column(name="dayofmonth", type="int", description="Day of the month, 1 to 31."),
        Column(name="dayofweek", type="int", description="Day of the week."),
        Column(name="dayofyear", type="int", description="Day of the year, 1 to 366."),
        Column(name="month", type="int", description="Month, 1 to 12."),
        Column(name="week", type="int", description="Financial week of the year."),
        Column(name="year", type="int", description="Financial year."),
        Column(name="week_part", type="string", description="Financial year and week, such as 2023-1."),
    ),
    audit_columns=INGESTION_COLUMNS + LINE_COLUMNS,
)
