{{ kpi_sum(ref('usage_mrr_months'), 'usage_month', 'usage_amount', 'customer_id', grains=['month', 'quarter', 'year']) }}
