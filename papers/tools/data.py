"""Rows of a paper's data, what is said of all of them, and how a value is shown."""

import csv
import io
import re
import statistics

WORDS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen eighteen nineteen twenty").split()

FOLDS = {"sum": sum, "min": min, "max": max, "median": lambda x: round(statistics.median(x))}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(rows, columns):
    """Rows as the text of a CSV file."""
    out = io.StringIO()
    table = csv.DictWriter(out, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def meets(row, conditions):
    """Whether a row is as `a=x&b!=y&c<7` says."""
    for condition in filter(None, conditions.split("&")):
        name, how, value = re.fullmatch(r"(\w+)(!?=|<|>)(.*)", condition).groups()
        has = row[name]
        if how in ("<", ">"):
            if not has or not (int(has) < int(value) if how == "<" else int(has) > int(value)):
                return False
        elif (has == value) == (how == "!="):
            return False
    return True


def aggregate(rows, what):
    """Of rows: count(a=x), distinct(a), sum(a), min(a), max(a), median(a); all(a=x) and same(a=x;b=y): yes or no.
    sum(a;b=x) and its like are of the rows with b=x."""
    found = re.fullmatch(r"(\w+)\((.*)\)", what)
    if not found:
        raise ValueError(f"'{what}' is no aggregate")
    name, argument = found.groups()
    if name in ("count", "all"):
        chosen = [r for r in rows if meets(r, argument)]
        if name == "count":
            return str(len(chosen))
        return "yes" if rows and len(chosen) == len(rows) else "no"
    if name == "same":  # whether two conditions choose the same rows
        one, other = argument.split(";")
        return "yes" if all(meets(r, one) == meets(r, other) for r in rows) else "no"
    if name != "distinct" and name not in FOLDS:
        raise ValueError(f"'{what}' is no aggregate")
    column, _, condition = argument.partition(";")
    chosen = [r[column] for r in rows if meets(r, condition)]
    if name == "distinct":
        return str(len(set(chosen)))
    if not chosen:
        raise ValueError(f"{what}: there is no such row")
    return str(FOLDS[name](int(x) for x in chosen))


def shown(value):
    """A number with its thousands apart; anything else as it is."""
    return f"{int(value):,}" if value.isdigit() else value


def counted(value, what):
    return f"{shown(value) if value != '0' else 'no'} {what}{'' if value == '1' else 's'}"


def in_words(value):
    return WORDS[int(value)] if value.isdigit() and int(value) < len(WORDS) else shown(value)
