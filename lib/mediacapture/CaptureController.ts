import { createDOMException } from '../dom/dom-exception';
import { queueTask } from '../dom/queue-task';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import {
  type CaptureStartFocusBehavior,
  type DisplayCaptureSurfaceType,
  toCaptureStartFocusBehavior,
} from '../webidl/generated/enums';
import { type TrackSource, liveTracksOf } from './track-source';

/** [[IsBound]] becomes true; an InvalidStateError when it was. */
export let bindController: (controller: CaptureController) => void;
/** The capture that the controller was given to has begun. */
export let startSession: (
  controller: CaptureController,
  source: TrackSource,
  surface: DisplayCaptureSurfaceType,
) => void;

/** https://w3c.github.io/mediacapture-screen-share/#dom-capturecontroller. Nothing here has a focus that could change. */
export class CaptureController extends EventTarget {
  static {
    webidl.defineInterface('CaptureController', this, (value) => #isBound in value);
    bindController = (controller) => {
      if (controller.#isBound) {
        throw createDOMException('The CaptureController is in use for another capture.', 'InvalidStateError');
      }
      controller.#isBound = true;
    };
    startSession = (controller, source, surface) => {
      controller.#source = source;
      controller.#displaySurfaceType = surface;
      queueTask(() => {
        controller.#focusDecisionFinalized = true;
      });
    };
  }

  #isBound = false;
  #source: TrackSource | null = null;
  #displaySurfaceType: DisplayCaptureSurfaceType | null = null;
  #focusDecisionFinalized = false;

  constructor() {
    super();
  }

  setFocusBehavior(focusBehavior: CaptureStartFocusBehavior): void {
    const source = this.#source;
    const context = webidl.operationContext('setFocusBehavior', 'CaptureController');
    webidl.requireArguments(arguments.length, 1, context);
    toCaptureStartFocusBehavior(focusBehavior, context);
    // 2. If [[Source]] is null, set [[FocusBehavior]] (that nobody asks for) and abort these steps.
    if (source === null) return;
    // 3. If [[Source]] has been stopped, throw an InvalidStateError.
    if (liveTracksOf(source).length === 0) throw createDOMException('The capture has ended.', 'InvalidStateError');
    // 4. If [[DisplaySurfaceType]] is neither "browser" nor "window", throw an InvalidStateError.
    if (this.#displaySurfaceType === 'monitor') {
      throw createDOMException('A monitor cannot be focused.', 'InvalidStateError');
    }
    // 5. If [[FocusDecisionFinalized]] is true, throw an InvalidStateError. 6. – 7. There is nothing to focus.
    if (this.#focusDecisionFinalized) {
      throw createDOMException('It is too late to choose what is focused.', 'InvalidStateError');
    }
    this.#focusDecisionFinalized = true;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    CaptureController: CaptureController;
  }
}
