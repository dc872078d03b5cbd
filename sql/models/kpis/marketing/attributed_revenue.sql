-- the customer, its touches and what it pays come from three systems: all of them must have told
{% set witnesses = "(select 'stripe' as system union select system from " ~ ref('touches') ~ ") as witnesses" %}

{{ kpi_count(
    ref('int_attributed_mrr'), 'movement_date', {'channel': 'channel', 'campaign': 'campaign_name'},
    where="model = '" ~ var('attribution_model') ~ "'", amount='amount', witnesses=witnesses
) }}
union all
select *
from (
    {{ kpi_count(
        ref('int_attributed_mrr'), 'movement_date', {
            'model': 'model', 'model_channel': "model || '/' || channel", 'model_campaign': "model || '/' || campaign_name"
        }, amount='amount', witnesses=witnesses
    ) }}
) as by_model
where dimension <> 'all'
