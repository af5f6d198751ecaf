"""Every change of a campaign, by module.

campaigns     create_campaign(name, by, actor, **fields), update_campaign(campaign, actor,
              **changes), save_draft(campaign, step, actor, **fields), delete_campaign(campaign),
              archive(campaign), unarchive(campaign). `campaigns.drafts`: FIELDS by step,
              problems(campaign), step_of(field), NotReady
lifecycle     start, pause, resume, cancel(campaign_id, actor); settle, start_scheduled
copies        clone(campaign, by, actor), resend(campaign, codes, by, actor) -> Campaign
trials        send_trial(campaign, by, contacts=[…] or phone="+55…", variant="A")
              -> list[Message]: a test send, never counted in the run
winners       choose(campaign_id, variant, actor); decide(campaign_id) when its time comes
exports       request(campaign, format, filters, by) -> Export; opened(export) -> the stored file
links         follow(code, user_agent) -> the address behind a tracked link
preparation   prepare(campaign_id): the audience becomes rows
states        the one door to a campaign's state

Reads: `campaigns.selectors` (lists), `campaigns.preflight.preflight(campaign)`, `campaigns.report`
(funnel, failures, variants, timeline of a recipient, links), `campaigns.calendar.days(…)`.
"""
