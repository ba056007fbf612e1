import exports = require('./index.js');
export * from './index.js';
export default exports;
