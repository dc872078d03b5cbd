{{ kpi_growth(ref('average_deal_size'), ['quarter', 'year'], {'quarter': 4, 'year': 1}) }}
