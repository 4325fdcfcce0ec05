#!/usr/bin/env python3
"""Outside counts for test/examples, by pandas from the raw files. Makes examples.json beside this file.
  python3 -m venv v && v/bin/pip install pandas==3.1.1 pyarrow==26.0.1
  v/bin/python test/reference/examples.py ../shared/data"""
import json
import pathlib
import sys

import pandas as pd

shared = pathlib.Path(sys.argv[1])


def oulad():
    """Clicks and students with a click, by presentation and day from its first to its last."""
    events = pd.read_parquet(shared / "oulad" / "vle_events.parquet")
    told = {}
    for (module, presentation), own in events.groupby(["code_module", "code_presentation"], observed=True):
        start = pd.Timestamp(int(presentation[:4]), 2 if presentation[4] == "B" else 10, 1)
        days = range(int(own["day"].min()), int(own["day"].max()) + 1)
        by_day = own.groupby("day").agg(clicks=("sum_click", "sum"), students=("id_student", "nunique")).reindex(days, fill_value=0)
        told[f"{module}-{presentation}"] = {
            "first": str((start + pd.Timedelta(days=days[0])).date()),
            "clicks": by_day["clicks"].tolist(),
            "students": by_day["students"].tolist(),
        }
    return told


def retail():
    """Purchases and returns of goods by customers who are known, by month: of all, and of every tenth customer."""
    lines = pd.read_parquet(shared / "retail" / "online_retail_2009_2010.parquet").dropna(subset=["Customer ID"])
    goods = lines[lines["StockCode"].str[:5].str.fullmatch(r"[0-9]{5}")].copy()
    goods["month"] = goods["InvoiceDate"].str[:7]
    goods["amount"] = (goods["Quantity"] * goods["Price"]).abs()
    goods["day"] = goods["InvoiceDate"].str[:10]
    back = goods["Invoice"].str.startswith("C")

    def months(goods, back):
        bought, returned = goods[~back].groupby("month"), goods[back].groupby("month")
        return {
            month: {
                "customers": int(own["Customer ID"].nunique()),
                "customer_days": len(own[["Customer ID", "day"]].drop_duplicates()),
                "lines": len(own),
                "invoices": int(own["Invoice"].nunique()),
                "revenue": round(float(own["amount"].sum()), 2),
                "returned": round(float(returned.get_group(month)["amount"].sum()), 2) if month in returned.groups else 0,
            }
            for month, own in bought
        }

    tenth = goods["Customer ID"] % 10 == 0
    return {"all": months(goods, back), "tenth": months(goods[tenth], back[tenth])}


def cdnow():
    """Purchases by month: of all customers, and of every tenth."""
    lines = pd.read_csv(shared / "cdnow" / "cdnow_master.txt", sep=r"\s+", skiprows=1, names=["id", "day", "cds", "amount"])
    lines["month"] = lines["day"].astype(str).str[:4] + "-" + lines["day"].astype(str).str[4:6]

    def months(lines):
        return {
            month: {
                "customers": int(own["id"].nunique()),
                "customer_days": len(own[["id", "day"]].drop_duplicates()),
                "purchases": len(own),
                "cds": int(own["cds"].sum()),
                "revenue": round(float(own["amount"].sum()), 2),
            }
            for month, own in lines.groupby("month")
        }

    return {"customers": int(lines["id"].nunique()), "all": months(lines), "tenth": months(lines[lines["id"] % 10 == 0])}


def percent_ended(events, silence):
    """Of the silences of so many days in a presentation, the share after which the student is never seen again."""
    days = events[["id_student", "day"]].drop_duplicates().sort_values(["id_student", "day"])
    returned = int((days.groupby("id_student")["day"].diff() - 1 >= silence).sum())
    gone = int((days["day"].max() - days.groupby("id_student")["day"].max() >= silence).sum())
    return round(100 * gone / (gone + returned))


def facts():
    """Figures that the pages tell in their text."""
    events = pd.read_parquet(shared / "oulad" / "vle_events.parquet")
    students = pd.read_csv(shared / "oulad" / "students.csv")
    enrolment = ["code_module", "code_presentation", "id_student"]
    clicks = events.merge(students, on=enrolment)
    ended = [percent_ended(own, 28) for _, own in events.groupby(enrolment[:2], observed=True)]
    left = students[students["date_unregistration"].notna()]
    clicked = left.merge(events[enrolment].drop_duplicates(), on=enrolment)
    lines = pd.read_parquet(shared / "retail" / "online_retail_2009_2010.parquet")
    known = lines.dropna(subset=["Customer ID"])
    goods = known[known["StockCode"].str[:5].str.fullmatch(r"[0-9]{5}")]
    back = goods["Invoice"].str.startswith("C")
    days = goods[~back].assign(day=pd.to_datetime(goods["InvoiceDate"].str[:10]))[["Customer ID", "day"]].drop_duplicates()
    gaps = days.sort_values(["Customer ID", "day"]).groupby("Customer ID")["day"].diff().dt.days.dropna()
    countries = known.groupby("Customer ID")["Country"].nunique()
    cds = pd.read_csv(shared / "cdnow" / "cdnow_master.txt", sep=r"\s+", skiprows=1, names=["id", "day", "cds", "amount"])
    return {
        "oulad": {
            "rows": len(events),
            "enrolments_of_students_with_two": int(students["id_student"].duplicated().sum()),
            "clicks_of_bbb_before_the_start": int(((events["code_module"] == "BBB") & (events["day"] < 0)).sum()),
            "clicks_after_unregistration": int((clicks["day"] > clicks["date_unregistration"]).sum()),
            "repeated": int(events.duplicated().sum()),
            "unregistered": len(left),
            "unregistered_without_a_click": len(left) - len(clicked),
            "unregistered_before_the_start": int((left["date_unregistration"] < 0).sum()),
            "percent_of_silences_of_28_days_without_return_least": min(ended),
            "percent_of_silences_of_28_days_without_return_most": max(ended),
            "without_registration": int(students["date_registration"].isna().sum()),
        },
        "retail": {
            "rows": len(lines),
            "without_customer": len(lines) - len(known),
            "returns": int(back.sum()),
            "other_lines": len(known) - len(goods),
            "customers": int(known["Customer ID"].nunique()),
            "customers_without_a_purchase": int(known["Customer ID"].nunique() - goods[~back]["Customer ID"].nunique()),
            "customers_of_two_countries": int((countries > 1).sum()),
            "repeated": int(known.duplicated().sum()),
            "median_gap": int(gaps.median()),
            "gap_of_nine_in_ten": int(gaps.quantile(0.9)),
            "percent_british": round(100 * float((known.groupby("Customer ID")["Country"].first() == "United Kingdom").mean())),
        },
        "cdnow": {
            "rows": len(cds),
            "customers": int(cds["id"].nunique()),
            "free": int((cds["amount"] == 0).sum()),
            "repeated": int(cds.duplicated().sum()),
            "percent_with_one_day": round(100 * float((cds.groupby("id")["day"].nunique() == 1).mean())),
        },
    }


told = {"made_by": {"pandas": pd.__version__}, "oulad": oulad(), "retail": retail(), "cdnow": cdnow(), "facts": facts()}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(told, indent=None, separators=(",", ":")).replace('},"', '},\n"') + "\n")
