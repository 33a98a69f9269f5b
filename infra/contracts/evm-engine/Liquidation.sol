// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Margin, Position} from "./Accounts.sol";
import "./Errors.sol";
import {Fixed} from "./Fixed.sol";
import {Trading} from "./Trading.sol";

/// What becomes of an account that no longer meets the maintenance margin. In every step its value for each unit of
/// requirement stays or grows: with value V and requirement R before, R' after, it keeps at least V * R' / R, rounded up.
abstract contract Liquidation is Trading {
    using Fixed for int256;
    using Fixed for uint256;

    event Liquidated(
        address indexed account,
        address indexed liquidator,
        bytes32 indexed feedId,
        int256 size,
        uint256 price,
        uint256 penalty,
        uint256 reward,
        uint256 cover
    );
    event Deleveraged(
        address indexed account, address indexed counterparty, bytes32 indexed feedId, int256 size, int256 cash, uint256 loss
    );

    /// A part of a position about to be given up, at the mark.
    struct Part {
        /// The change of the account's size.
        int256 size;
        /// What the account gets for it: exactly the value that it gives.
        int256 cash;
        uint256 price;
        /// The account before, and its requirement after.
        Margin margin;
        uint256 maintenanceAfter;
    }

    /// Takes over a part of an unhealthy account's position at the mark. Anyone may. The account pays a penalty, as far as it
    /// has anything left for this part, shared between the liquidator and the insurance fund. A bankrupt account pays none,
    /// and the fund pays what the part lacks. The liquidator meets the initial margin afterwards.
    function liquidate(address account, bytes32 feedId, uint256 size)
        external
        whenRunning
        nonReentrant
        returns (uint256 reward)
    {
        if (block.timestamp < liquidationsFrom) revert LiquidationsPaused(liquidationsFrom);
        Part memory part = _partOf(account, msg.sender, feedId, size);
        if (part.margin.value >= part.margin.maintenance.toInt()) {
            revert NotLiquidatable(account, part.margin.value, part.margin.maintenance);
        }
        uint256 most = _liquidatableSize(part.margin, positionOf[account][feedId].size, part.price);
        if (size > most) revert SizeTooLarge(account, feedId, size, most);

        uint256 penalty = _penalty(feedId, part);
        uint256 cover = _shortfall(part);
        if (cover > insuranceFund) revert InsuranceFundShort(cover, insuranceFund);
        reward = (penalty * engineRules.liquidatorShareBps) / Fixed.BPS;
        _change(account, feedId, part.size, part.cash, cover.toInt() - penalty.toInt());
        _change(msg.sender, feedId, -part.size, -part.cash, reward.toInt());
        if (penalty != 0 || cover != 0) _setInsurance(insuranceFund + penalty - reward - cover);
        _requireInitial(msg.sender);
        emit Liquidated(account, msg.sender, feedId, part.size, part.price, penalty, reward, cover);
    }

    /// The most that one liquidation may take of the position now; zero where the account is healthy.
    function liquidatableSize(address account, bytes32 feedId) external view returns (uint256) {
        Margin memory margin = _margin(account);
        if (margin.value >= margin.maintenance.toInt()) return 0;
        return _liquidatableSize(margin, positionOf[account][feedId].size, _freshPrice(feedId));
    }

    /// Closes a part of a bankrupt account's position against a profitable opposite one, at the price at which the account
    /// loses no more than it has, where the insurance fund cannot pay that part. By an operator, who knows whose turn it is;
    /// by anyone once the fund is empty, since the loss then grows until somebody does it. The counterparty ends healthy,
    /// or healthier than it was.
    function deleverage(address account, address counterparty, bytes32 feedId, uint256 size)
        external
        whenRunning
        nonReentrant
    {
        if (!isOperator[msg.sender] && insuranceFund != 0) revert NotOperator(msg.sender);
        if (block.timestamp < liquidationsFrom) revert LiquidationsPaused(liquidationsFrom);
        Part memory part = _partOf(account, counterparty, feedId, size);
        if (part.margin.value >= 0) revert NotBankrupt(account, part.margin.value);
        uint256 loss = _shortfall(part);
        if (loss <= insuranceFund) revert InsuranceFundPays(loss, insuranceFund);
        _checkCounterparty(account, counterparty, feedId, part);

        Margin memory earlier = _margin(counterparty);
        int256 cash = part.cash + loss.toInt();
        _change(account, feedId, part.size, cash, 0);
        _change(counterparty, feedId, -part.size, -cash, 0);
        Margin memory later = _margin(counterparty);
        if (later.value < later.maintenance.toInt() && !_isHealthier(earlier, later)) {
            revert CounterpartyUnfit(counterparty, later.value, later.maintenance);
        }
        emit Deleveraged(account, counterparty, feedId, part.size, cash, loss);
    }

    function _partOf(address account, address other, bytes32 feedId, uint256 size)
        private
        view
        returns (Part memory part)
    {
        if (account == other) revert SameAccount(other);
        if (size == 0) revert ZeroAmount();
        _requireListed(feedId);
        int256 held = positionOf[account][feedId].size;
        if (size > held.abs()) revert SizeTooLarge(account, feedId, size, held.abs());
        part.size = held > 0 ? -size.toInt() : size.toInt();
        part.price = _freshPrice(feedId);
        part.margin = _margin(account);
        int256 value = _value(held, part.price);
        int256 valueAfter = _value(held + part.size, part.price);
        part.cash = value - valueAfter;
        part.maintenanceAfter =
            part.margin.maintenance - _maintenance(feedId, value) + _maintenance(feedId, valueAfter);
    }

    /// A half, say, so that no more is taken than is needed to be healthy; all where that is far away or not worth two calls.
    function _liquidatableSize(Margin memory margin, int256 held, uint256 price) private view returns (uint256) {
        bool farGone = margin.value * 2 < margin.maintenance.toInt();
        if (farGone || _value(held, price).abs() <= engineRules.smallPosition) return held.abs();
        return _share(held.abs(), engineRules.closeFactorBps);
    }

    /// Never so much that the account is worse off for what is left.
    function _penalty(bytes32 feedId, Part memory part) private view returns (uint256) {
        if (part.margin.value <= 0) return 0;
        uint256 value = uint256(part.margin.value);
        uint256 room = value - (value * part.maintenanceAfter).ceilDiv(part.margin.maintenance);
        return _share(part.cash.abs(), rulesOf[feedId].penaltyBps).min(room);
    }

    /// What a bankrupt account's value lacks for this part.
    function _shortfall(Part memory part) private pure returns (uint256) {
        if (part.margin.value >= 0) return 0;
        uint256 debt = part.margin.value.abs();
        if (part.margin.maintenance == 0) return debt;
        return debt - (debt * part.maintenanceAfter) / part.margin.maintenance;
    }

    function _checkCounterparty(address account, address counterparty, bytes32 feedId, Part memory part) private view {
        Position memory held = positionOf[counterparty][feedId];
        bool opposite = held.size != 0 && (held.size > 0) == (part.size > 0);
        if (!opposite) revert NotOpposite(account, counterparty, feedId);
        uint256 most = Fixed.abs(held.size);
        if (part.size.abs() > most) revert SizeTooLarge(counterparty, feedId, part.size.abs(), most);
        int256 profit = _value(held.size, part.price) - held.cost;
        if (profit <= 0) revert NotProfitable(counterparty, feedId, profit);
    }
}
