-- every record that stands for a customer, and which one; what cannot be told is listed as well
with records as (
    select * from {{ ref('int_customer_records') }}
),

links as (
    select
        identity_record_id,
        max(case when verdict = 'chosen' then customer_id end) as customer_id,
        max(case when verdict = 'chosen' then method end) as method,
        min(case when verdict = 'chosen' then evidence end) as evidence,
        max(case when verdict = 'chosen' then confidence end) as confidence,
        sum(case when verdict = 'ambiguous' then 1 else 0 end) > 0 as is_ambiguous,
        sum(case when verdict = 'supports' then 1 else 0 end) as supporting_links,
        sum(case when verdict = 'contradicts' then 1 else 0 end) as contradicting_links
    from {{ ref('identity_links') }}
    group by identity_record_id
)

select
    records.identity_record_id,
    records.system,
    records.record_type,
    records.record_id,
    records.name,
    links.customer_id,
    case
        when links.identity_record_id is null then 'unmatched'
        when links.is_ambiguous then 'ambiguous'
        when links.customer_id is null then 'excluded'
        when links.contradicting_links > 0 and links.method <> 'override' then 'conflicting'
        else 'matched'
    end as status,
    links.method,
    links.evidence,
    -- what another reason speaks against is worth less, unless somebody decided
    cast(
        links.confidence - case when links.contradicting_links > 0 and links.method <> 'override' then 0.2 else 0 end as numeric(3, 2)
    ) as confidence,
    coalesce(links.supporting_links, 0) as supporting_links,
    coalesce(links.contradicting_links, 0) as contradicting_links
from records
left join links on records.identity_record_id = links.identity_record_id
