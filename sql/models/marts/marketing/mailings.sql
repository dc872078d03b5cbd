-- e-mails to many, and how they did; recipients who open or click are counted once
with days as (
    select
        marketing_email_id,
        sum(delivered_count) as delivered_count,
        sum(opened_count) as opened_count,
        sum(clicked_count) as clicked_count,
        sum(bounced_count) as bounced_count,
        sum(unsubscribed_count) as unsubscribed_count
    from {{ ref('stg_hubspot__marketing_email_statistics') }}
    group by marketing_email_id
)

select
    'hubspot' as system,
    emails.marketing_email_id as mailing_id,
    emails.name,
    emails.subject,
    campaigns.campaign_name,
    emails.published_at as sent_at,
    {{ local_day('emails.published_at') }} as sent_date,
    coalesce(emails.sent_count, 0) as sent_count,
    -- the days are a fallback: somebody who opens on two days is counted on both
    cast(coalesce(emails.delivered_count, days.delivered_count, 0) as bigint) as delivered_count,
    cast(coalesce(emails.opened_count, days.opened_count, 0) as bigint) as opened_count,
    cast(coalesce(emails.clicked_count, days.clicked_count, 0) as bigint) as clicked_count,
    cast(coalesce(emails.bounced_count, days.bounced_count, 0) as bigint) as bounced_count,
    cast(coalesce(emails.unsubscribed_count, days.unsubscribed_count, 0) as bigint) as unsubscribed_count
from {{ ref('stg_hubspot__marketing_emails') }} as emails
left join days on emails.marketing_email_id = days.marketing_email_id
left join {{ ref('campaigns') }} as campaigns on campaigns.system = 'hubspot' and emails.campaign_id = campaigns.campaign_id
where emails.published_at is not null and not coalesce(emails.is_archived, false)
