import { definePlugin } from '@proofpix/sdk';
import { collections } from './collections.ts';
import { addWeather } from './jobs/add-weather.ts';
import { config } from './kit.ts';
import { create, get, list, remove, stats } from './routes/entries.ts';
import { BeforeEntry, EntryAdded } from './schemas.ts';
import { completed, uploaded } from './subscribers/photos.ts';

export default definePlugin({
  id: 'photo-journal',
  version: '1.0.0',
  title: 'Photo journal',
  description: 'Keeps a journal of your photos: when and where they were taken, and what the weather was like.',
  publisher: 'proofpix-examples',
  capabilities: ['events:on:files.uploaded', 'events:on:document-intelligence.completed', 'events:emit:photo-journal.*', 'jobs', 'realtime', 'net:public'],
  config,
  secrets: {
    // localhost is for a weather service of one's own, which an operator has to let through.
    weatherKey: { title: 'Key of the weather service', hosts: ['api.weather.example', 'localhost', '127.0.0.1'] },
  },
  collections,
  permissions: {
    read: { description: 'Read the journal', roles: ['viewer', 'member', 'admin', 'owner'] },
    write: { description: 'Write and delete entries', roles: ['member', 'admin', 'owner'] },
  },
  events: { 'photo-journal.entry-added': { schema: EntryAdded, public: true, description: 'The journal has a new entry.' } },
  hookPoints: { 'photo-journal.before-entry': { schema: BeforeEntry, description: 'Somebody wrote an entry that is not stored yet.' } },
  parts: [list, get, create, remove, stats, uploaded, completed, addWeather],
});
