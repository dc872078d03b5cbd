{{ kpi_part(
    ref('int_counted_opportunities'), 'close_date',
    "case when reason in ('" ~ var('competitive_loss_reasons') | join("', '") ~ "') then 1 else 0 end", '1',
    {'competitor': 'competitor', 'reason': 'reason'}, "status = 'lost'"
) }}
