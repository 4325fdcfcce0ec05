-- The weights (fnlwgt) are the census's, not the person's.
CREATE TABLE people AS
  SELECT row_number() OVER () AS person, * EXCLUDE (fnlwgt), md5(CAST(row_number() OVER () AS VARCHAR)) < '8' AS learnt
  FROM read_parquet('../../../shared/data/static/adult.parquet');

COPY (SELECT * EXCLUDE (person, learnt) FROM people WHERE learnt) TO 'data/half.parquet';
COPY (SELECT * EXCLUDE (person, learnt) FROM people WHERE NOT learnt) TO 'data/other_half.parquet';
COPY (SELECT * EXCLUDE (person, learnt, sex) FROM people WHERE sex = 'Male') TO 'data/men.parquet';
COPY (SELECT * EXCLUDE (person, learnt, sex) FROM people WHERE sex = 'Female') TO 'data/women.parquet';

-- A model that fits in a query: the share of high incomes by schooling and marital status in one half, told of the other.
CREATE TABLE predictions AS
  WITH rates AS (
    SELECT "education-num" AS years, "marital-status" AS status,
      (sum(CASE WHEN class = '>50K' THEN 1 ELSE 0 END) + 1) / (count(*) + 4) AS score
    FROM people WHERE learnt GROUP BY ALL
  )
  SELECT person, sex, coalesce(score, 0.25) AS score
  FROM people LEFT JOIN rates ON years = "education-num" AND status = "marital-status" WHERE NOT learnt;
COPY (SELECT person, score FROM predictions WHERE sex = 'Male') TO 'data/predictions_men.parquet';
COPY (SELECT person, score FROM predictions WHERE sex = 'Female') TO 'data/predictions_women.parquet';
COPY (SELECT person, CASE WHEN class = '>50K' THEN 1 ELSE 0 END AS earned FROM people) TO 'data/outcomes.parquet';
