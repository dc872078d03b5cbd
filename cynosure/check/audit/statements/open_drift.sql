-- drift of the newest walk that was compared, or of one that is being compared, and whether it is still there
select
    drift.id,
    drift.kind,
    drift.reason,
    drift.fields,
    drift.repaired_in,
    drift.repaired_at,
    case drift.kind
        when 'missing' then here.id is null or here.is_deleted
        when 'extra' then here.id is not null and not here.is_deleted
        else here.payload_hash = drift.here_hash and not here.is_deleted
    end as is_open
from ops.audit_drift as drift
left join {table} as here on drift.id = here.id and here.valid_to is null
where drift.source = $1 and drift.stream = $2 and drift.reason <> 'settled'
order by drift.kind, drift.id, drift.walk
