/**
 * Taken for WPT's /resources/testdriver-vendor.js: what test_driver can do to a program that has no user.
 * It runs in the scope of the test, as a classic script.
 */
(() => {
  // A program may use every device: permissions are granted, and nothing could deny them. Tests know this message.
  window.test_driver_internal.set_permission = async ({ state }) => {
    if (state !== 'granted') throw `set_permission not implemented: a permission cannot be ${state} here`;
  };

  // Nothing is laid out, so no place on the page can be clicked; the element itself can.
  window.test_driver.click = async (element) => {
    element.click();
  };
})();
