"""Questions that analysts ask often, as SQL over the views that may be explored. A title is what the page shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A query with a name for people; `:name` in it is asked for."""

    title: str
    sql: str


QUESTIONS = {
    "flagged-by-week": Question(
        "Flagged items by week and language",
        """select date(day, 'weekday 0', '-6 days') as week, language, count(*) as items
from explore_items where flagged = 1 group by week, language order by week desc, items desc""",
    ),
    "flagged-by-source": Question(
        "Sources by the share of their items that is flagged",
        """select source, publisher, count(*) as items, sum(flagged) as flagged, round(1.0 * sum(flagged) / count(*), 3) as share
from explore_items group by source having items >= 10 order by share desc""",
    ),
    "naming": Question(
        "Items that name an organisation, the newest first (its id, such as taliban)",
        """select distinct item, day, language, source from explore_names
where entity = :entity and flagged = 1 order by day desc""",
    ),
    "together": Question(
        "Who is named together with an organisation (its id) in flagged items",
        """select b.entity, b.name, count(distinct b.item) as items from explore_names as a join explore_names as b using (item)
where a.entity = :entity and b.entity != a.entity and b.label = 'ORG' and a.flagged = 1 group by b.entity order by items desc""",
    ),
    "places": Question(
        "Places in five flagged items or more",
        "select place, items, first_week, last_week from explore_places order by items desc",
    ),
    "topics": Question(
        "Flagged items by topic and language",
        """select l.label as topic, i.language, count(*) as items from explore_labels as l join explore_items as i using (item)
where l.axis = 'topics' and l.probability >= 0.5 and i.flagged = 1 group by topic, i.language order by items desc""",
    ),
    "wide-stories": Question(
        "Stories that most outlets carried",
        """select story, count(distinct source) as outlets, count(*) as reports, min(day) as first_day, min(title) as title
from explore_items where flagged = 1 group by story having outlets > 1 order by outlets desc, reports desc""",
    ),
    "skipped": Question(
        "Why pages became no item, by source",
        """select source, outcome, stage, reason, count(*) as pages from explore_outcomes where outcome != 'document'
group by source, outcome, stage, reason order by pages desc""",
    ),
    "undated": Question(
        "Sources whose items have no date",
        """select source, sum(date_read_from = '') as undated, count(*) as items from explore_items
group by source having undated > 0 order by undated desc""",
    ),
    "verdicts": Question(
        "Verdicts by week",
        """select date(day, 'weekday 0', '-6 days') as week, verdict, count(*) as decisions
from explore_decisions group by week, verdict order by week desc, verdict""",
    ),
}
