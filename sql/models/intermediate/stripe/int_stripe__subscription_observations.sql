-- everything known about a subscription at an instant: captured versions and the frozen copies inside events
with captured as {{ fence() }} (
    {{ version_rows('stripe', 'subscriptions') }}
),

events as (
    select * from {{ ref('stg_stripe__events') }}
),

versions as (
    select
        id as subscription_id,
        coalesce(source_updated_at, extracted_at) as observed_at,
        source_updated_at is null as is_listed,
        is_deleted,
        4 as priority,
        cast(extracted_at as text) as tie_breaker,
        id || '@' || cast(extract(epoch from extracted_at) as bigint) as origin,
        body
    from captured
),

-- an event rendered in another version, or with a list cut short, is not the object
copies as (
    select
        object_id as subscription_id,
        created_at as observed_at,
        false as is_listed,
        false as is_deleted,
        case type when 'customer.subscription.created' then 1 when 'customer.subscription.deleted' then 3 else 2 end as priority,
        event_id as tie_breaker,
        event_id as origin,
        object_body as body
    from events
    where
        type like 'customer.subscription.%'
        and api_version = '{{ var("stripe_api_version") }}'
        and {{ json_text('object_body', 'items.has_more') }} = 'false'
),

observations as (
    select * from versions
    union all
    select * from copies
),

-- one event in a second is the state of that second; among several the re-fetched object decides
ranked as (
    select
        *,
        row_number() over (
            partition by subscription_id, observed_at
            order by case when priority < 4 and copies_in_second = 1 then 5 else priority end desc, tie_breaker desc
        ) as choice
    from (
        select
            *,
            sum(case when priority < 4 then 1 else 0 end) over (partition by subscription_id, observed_at) as copies_in_second
        from observations
    ) as counted
),

parsed as (
    select
        subscription_id,
        observed_at,
        is_listed,
        origin,
        lag(observed_at) over (partition by subscription_id order by observed_at) as previous_observed_at,
        lead(observed_at) over (partition by subscription_id order by observed_at) as next_observed_at,
        {{ json_reference('body', 'customer') }} as customer_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ json_text('body', 'status') }} as status,
        {{ epoch('body', 'created') }} as created_at,
        {{ epoch('body', 'start_date') }} as started_at,
        {{ epoch('body', 'trial_start') }} as trial_started_at,
        {{ epoch('body', 'trial_end') }} as trial_ended_at,
        {{ epoch('body', 'canceled_at') }} as cancellation_requested_at,
        {{ epoch('body', 'status_details.paused.transitioned_at') }} as paused_at,
        coalesce({{ epoch('body', 'ended_at') }}, case when is_deleted then observed_at end) as ended_at,
        {{ epoch('body', 'cancel_at') }} is not null
        or coalesce(cast({{ json_text('body', 'cancel_at_period_end') }} as boolean), false) as has_cancellation,
        {{ json_is_object(json_value('body', 'pause_collection')) }} as is_collection_paused,
        {{ json_reference('body', 'schedule') }} as schedule_id,
        {{ json_value('body', 'items.data') }} as items,
        {{ json_value('body', 'discounts') }} as discounts
    from ranked
    where choice = 1
)

select * from parsed
