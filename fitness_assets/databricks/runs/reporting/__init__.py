"""What a run on the workspace reports, on its way by Dagster Pipes through files of a volume."""
