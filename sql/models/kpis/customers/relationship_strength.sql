-- how close the company is to each paying customer: meetings, other contact and different people within ninety days
with activities as (
    select * from {{ ref('int_counted_activities') }} where type in ('meeting', 'call', 'email')
),

accounts as (
    select
        'hubspot/' || links.from_type || '/' || links.from_id as activity_key,
        customers.customer_id
    from {{ ref('stg_hubspot__associations') }} as links
    inner join {{ ref('int_record_customers') }} as customers
        on customers.system = 'hubspot' and customers.record_type = 'companies' and links.to_id = customers.record_id
    where links.from_type in ('meetings', 'calls', 'emails') and links.to_type = 'companies'
    union
    select 'salesforce/tasks/' || tasks.task_id, customers.customer_id
    from {{ ref('stg_salesforce__tasks') }} as tasks
    inner join {{ ref('int_record_customers') }} as customers
        on customers.system = 'salesforce' and customers.record_type = 'accounts' and tasks.account_id = customers.record_id
    union
    select 'salesforce/events/' || events.event_id, customers.customer_id
    from {{ ref('stg_salesforce__events') }} as events
    inner join {{ ref('int_record_customers') }} as customers
        on customers.system = 'salesforce' and customers.record_type = 'accounts' and events.account_id = customers.record_id
),

people as (
    select 'hubspot/' || from_type || '/' || from_id as activity_key, to_id as person_id
    from {{ ref('stg_hubspot__associations') }}
    where from_type in ('meetings', 'calls', 'emails') and to_type = 'contacts'
    union
    select 'salesforce/tasks/' || task_id, who_id from {{ ref('stg_salesforce__tasks') }} where who_id is not null
    union
    select 'salesforce/events/' || event_id, who_id from {{ ref('stg_salesforce__events') }} where who_id is not null
),

touches as (
    select
        accounts.customer_id,
        activities.activity_key,
        activities.type,
        activities.done_date,
        people.person_id
    from activities
    inner join accounts on activities.activity_key = accounts.activity_key
    left join people on activities.activity_key = people.activity_key
),

paying as (
    select
        months.period_start,
        months.last_day,
        plans.customer_id,
        counted.customer_id as counted_customer_id
    from {{ ref('int_periods') }} as months
    inner join {{ ref('int_main_plans') }} as plans on plans.from_day <= months.last_day and months.last_day < plans.until_day
    inner join {{ ref('int_counted_customers') }} as counted on plans.customer_id = counted.stripe_customer_id
    where months.grain = 'month' and months.period_start <= {{ known_until(ref('int_counted_activities')) }}
),

counts as (
    select
        paying.period_start,
        paying.customer_id,
        count(distinct case when touches.type = 'meeting' then touches.activity_key end) as meetings,
        count(distinct case when touches.type <> 'meeting' then touches.activity_key end) as contacts,
        count(distinct touches.person_id) as people
    from paying
    left join touches
        on
            paying.counted_customer_id = touches.customer_id
            and paying.last_day - 90 < touches.done_date and touches.done_date <= paying.last_day
    group by paying.period_start, paying.customer_id
),

scores as (
    select
        period_start,
        'month' as grain,
        'customer' as dimension,
        customer_id as member,
        least(20 * meetings, 40) + least(10 * contacts, 30) + least(10 * people, 30) as score,
        meetings + contacts as sample_size
    from counts
),

means as (
    select period_start, grain, dimension, member, score, 1 as customers, sample_size from scores
    union all
    select period_start, grain, 'all', 'all', sum(score), count(*), sum(sample_size)
    from scores
    group by period_start, grain
),

rates as (
    {{ kpi_rate('means', 'score', 'customers', 'sample_size') }}
)

select * from rates
