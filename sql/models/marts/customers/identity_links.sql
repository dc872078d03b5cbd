-- the reasons behind customer_identities, those that lost included
with evidence as (
    select * from {{ ref('int_customer_evidence') }}
),

records as (
    select * from {{ ref('int_customer_records') }}
),

votes as (
    select identity_record_id, customer_id, method_rank, count(*) as votes
    from evidence
    group by identity_record_id, customer_id, method_rank
),

totals as (
    select *, sum(votes) over (partition by identity_record_id, customer_id) as all_votes from votes
),

-- the strongest method decides, inside it the customer that most speaks for
ranked as (
    select *, rank() over (partition by identity_record_id order by method_rank, votes desc, all_votes desc) as place from totals
),

leaders as (
    select
        identity_record_id,
        min(customer_id) as customer_id,
        min(method_rank) as method_rank,
        count(*) as leaders
    from ranked
    where place = 1
    group by identity_record_id
)

select
    records.identity_record_id,
    records.system,
    records.record_type,
    records.record_id,
    evidence.customer_id,
    evidence.method,
    evidence.evidence,
    evidence.confidence,
    case
        when leaders.leaders > 1 then 'ambiguous'
        when coalesce(evidence.customer_id, '') <> coalesce(leaders.customer_id, '') then 'contradicts'
        when evidence.method_rank = leaders.method_rank then 'chosen'
        else 'supports'
    end as verdict
from evidence
inner join records on evidence.identity_record_id = records.identity_record_id
inner join leaders on evidence.identity_record_id = leaders.identity_record_id
