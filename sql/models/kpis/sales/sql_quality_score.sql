{{ kpi_share(ref('int_sales_qualified_leads'), 'sales_qualified_date', 'score', where='score is not null') }}
