/** Applies steps to the embedded views in the folder that it is given, until it is killed. */
import { openEmbeddedViews } from '../../views/embedded/embedded-views.ts';
import { COUNTED, count, PLACE } from '../view-embedded.counted.ts';

const [dir = ''] = process.argv.slice(2);
const views = await openEmbeddedViews({ dir, views: [COUNTED], shape: 'one' });
process.stdout.write('open\n');
for (let next = (await views.position(PLACE.topic, PLACE.partition)) + 1; ; next++) await count(views, next);
