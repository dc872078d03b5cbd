-- rows of the ledger of a period with what caused them; the parts of plans and currencies, so that any of them can be left out
select
    parts.customer_id,
    parts.movement_date,
    parts.currency,
    parts.plan_id,
    parts.movement,
    parts.signed_amount,
    wholes.caused_by
from marts.mrr_movements_by_plan as parts
left join marts.mrr_movements as wholes
    on
        parts.customer_id = wholes.customer_id and parts.movement_date = wholes.movement_date
        and parts.movement = wholes.movement
where
    parts.movement_date between $1 and $2
    and parts.movement in (select unnest(cast($3 as text[])))
order by parts.movement_date, parts.customer_id, parts.movement, parts.currency, parts.plan_id
