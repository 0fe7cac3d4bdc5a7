/** Works off fan-outs in a view database, a few purchases a step, until it is killed. Arguments: URL and database. */

import { FAN_OUTS, viewSpecs } from '../../projectors/documents.ts';
import { fanOutStep } from '../../projectors/fan-out.ts';
import { openMongoViews } from '../../views/mongo/mongo-views.ts';

const [url = '', database = ''] = process.argv.slice(2);
const views = await openMongoViews({ url, database, views: viewSpecs });
for (;;) {
  const tasks = await views.find(FAN_OUTS, {});
  await fanOutStep(
    views,
    tasks.map(({ _id }) => _id),
    10,
  );
}
