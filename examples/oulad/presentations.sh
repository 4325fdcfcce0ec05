#!/bin/sh
# One project per presentation, each as of its 133rd day (where BBB 2013J is cut): the same four months of a course.
set -eu
cd "$(dirname "$0")"

presentation() { # MODULE PRESENTATION DAY
  where="code_module = '$1' AND code_presentation = '$2'"
  CHURN_SOURCES_USERS_WHERE=$where CHURN_SOURCES_EVENTS_WHERE=$where \
  CHURN_DATA=data/$1-$2 CHURN_ARTIFACTS=artifacts/$1-$2 CHURN_HISTORY_URL=sqlite:artifacts/$1-$2/history.db \
  npx churn-mlops run --at "$3" --quiet
}

presentation AAA 2014J 2015-02-11
presentation BBB 2013B 2013-06-14
presentation BBB 2013J 2014-02-11
