-- One campaign of recipients, new for every round.
drop table if exists campaign_recipient;
create table campaign_recipient (
  id bigint primary key,
  campaign_id int not null,
  seq int not null,
  phone text not null,
  vars jsonb not null,
  status smallint not null default 0,  -- 0 waiting, 1 claimed, 2 sent, 3 failed
  attempts smallint not null default 0,
  wamid text,
  error text,
  claimed_at timestamptz,
  sent_at timestamptz
) with (fillfactor = 90);
create index campaign_recipient_todo on campaign_recipient (campaign_id, seq) where status = 0;
create unique index campaign_recipient_wamid on campaign_recipient (wamid) where wamid is not null;
