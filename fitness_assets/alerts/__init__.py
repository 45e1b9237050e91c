"""Who is on call is told: what is wrong, once when it begins, again while it goes on, and once when it is over.

What is wrong is a state and not an event, computed from facts (`facts`) by rules with thresholds (`rules`). An incident
(`incidents`) remembers who was told what; the manager sees to it that each receiver hears of each incident.
"""

from fitness_assets.alerts.alert import Alert
from fitness_assets.alerts.facts import Automation, Backlog, Facts, FailedCheck, FailedRun, Records, StaleTable
from fitness_assets.alerts.incidents import Incident, trial_notification
from fitness_assets.alerts.manager import AlertManager, Change, open_alerts
from fitness_assets.alerts.receivers import receivers
from fitness_assets.alerts.rules import RULES, Rule

__all__ = [
    "RULES",
    "Alert",
    "AlertManager",
    "Automation",
    "Backlog",
    "Change",
    "Facts",
    "FailedCheck",
    "FailedRun",
    "Incident",
    "Records",
    "Rule",
    "StaleTable",
    "open_alerts",
    "receivers",
    "trial_notification",
]
