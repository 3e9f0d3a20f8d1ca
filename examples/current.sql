-- The version of each order that counts: the highest that the last run to read the order says is the last.
CREATE OR REPLACE VIEW younium.current_subscriptions AS
SELECT DISTINCT ON (_legal_entity, coalesce("orderNumber", id::text)) *
FROM younium.subscriptions
WHERE "isLastVersion" IS NOT FALSE
ORDER BY _legal_entity, coalesce("orderNumber", id::text), _read_at DESC NULLS LAST, version DESC NULLS LAST;

-- The charges that it has: those read with it or since. One that left the order was not read again.
CREATE OR REPLACE VIEW younium.current_subscription_charges AS
SELECT charge.*
FROM younium.subscription_charges AS charge
JOIN younium.current_subscriptions AS subscription
  ON subscription.id::text = charge._root_id
 AND subscription._legal_entity IS NOT DISTINCT FROM charge._legal_entity
WHERE charge._read_at >= subscription._read_at;

-- The same of sales orders.
CREATE OR REPLACE VIEW younium.current_sales_orders AS
SELECT DISTINCT ON (_legal_entity, coalesce("orderNumber", id::text)) *
FROM younium.sales_orders
WHERE "isLastVersion" IS NOT FALSE
ORDER BY _legal_entity, coalesce("orderNumber", id::text), _read_at DESC NULLS LAST, version DESC NULLS LAST;

CREATE OR REPLACE VIEW younium.current_sales_order_charges AS
SELECT charge.*
FROM younium.sales_order_charges AS charge
JOIN younium.current_sales_orders AS sales_order
  ON sales_order.id::text = charge._root_id
 AND sales_order._legal_entity IS NOT DISTINCT FROM charge._legal_entity
WHERE charge._read_at >= sales_order._read_at;
