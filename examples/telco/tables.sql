-- Eleven customers in their first month have a blank for TotalCharges, which makes a text of the whole column.
CREATE TABLE customers AS
  SELECT * REPLACE (TRY_CAST(TotalCharges AS DOUBLE) AS TotalCharges), md5(customerID) < '8' AS learnt
  FROM read_csv('../../../shared/data/static/telco_customer_churn.csv');

COPY (SELECT * EXCLUDE (learnt) FROM customers WHERE learnt) TO 'data/half.parquet';
COPY (SELECT * EXCLUDE (learnt) FROM customers WHERE NOT learnt) TO 'data/other_half.parquet';
COPY (SELECT * EXCLUDE (learnt) FROM customers WHERE tenure > 12) TO 'data/older.parquet';
COPY (SELECT * EXCLUDE (learnt) FROM customers WHERE tenure <= 12) TO 'data/first_year.parquet';

-- A model that fits in a query: the churn rate by contract, age and access in one half, told of the other.
COPY (
  WITH rates AS (
    SELECT Contract, tenure // 12 AS years, InternetService,
      (sum(CASE WHEN Churn = 'Yes' THEN 1 ELSE 0 END) + 1) / (count(*) + 4) AS risk
    FROM customers WHERE learnt GROUP BY ALL
  )
  SELECT customerID, coalesce(risk, 0.25) AS risk
  FROM customers LEFT JOIN rates
    ON rates.Contract = customers.Contract AND rates.years = tenure // 12 AND rates.InternetService = customers.InternetService
  WHERE NOT learnt
) TO 'data/predictions.parquet';
COPY (SELECT customerID, CASE WHEN Churn = 'Yes' THEN 1 ELSE 0 END AS churned FROM customers) TO 'data/outcomes.csv';
