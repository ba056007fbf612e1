import exports = require('./nonstandard.js');
export * from './nonstandard.js';
export default exports;
