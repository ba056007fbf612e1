import { mediaSuite } from './media-suite';

describe('peerwire', () => {
  mediaSuite({ name: 'peerwire', start: null });
});
