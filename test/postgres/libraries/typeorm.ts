import { DataSource, EntitySchema } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { typeormTransactions } from '../../../src/postgres/index.js';
import type { LibraryCase, LibraryTarget } from './library-case.js';

interface Fulfilment {
  event_id: string;
}

export async function typeormCase({
  connectionString,
  schema,
}: LibraryTarget): Promise<LibraryCase<EntityManager>> {
  const entity = new EntitySchema<Fulfilment>({
    name: 'fulfilment',
    schema,
    columns: { event_id: { type: 'text', primary: true } },
  });
  const dataSource = new DataSource({
    type: 'postgres',
    url: connectionString,
    entities: [entity],
  });
  await dataSource.initialize();
  return {
    adapter: typeormTransactions<EntityManager>(dataSource),
    write: (manager, eventId) => manager.insert(entity, { event_id: eventId }),
    begin: (work) => dataSource.transaction(work),
    close: () => dataSource.destroy(),
  };
}
