// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accounts, Margin} from "./Accounts.sol";
import "./Errors.sol";
import {Fixed} from "./Fixed.sol";
import {Status} from "./Markets.sol";

struct Order {
    address account;
    bytes32 feedId;
    /// Above zero to buy, below to sell.
    int256 size;
    /// The most a buyer pays, the least a seller takes, for a whole unit.
    uint256 price;
    uint16 maxFeeBps;
    /// The last second in which it may be matched.
    uint64 expiry;
    uint256 nonce;
}

struct SignedOrder {
    Order order;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// Positions come about by two signed orders, matched by an operator: what one gets the other gives.
abstract contract Trading is Accounts {
    using Fixed for int256;
    using Fixed for uint256;

    event Traded(
        bytes32 indexed feedId,
        address indexed buyer,
        address indexed seller,
        uint256 size,
        uint256 price,
        uint256 fee,
        bytes32 buyOrder,
        bytes32 sellOrder
    );
    event OrderCancelled(bytes32 indexed orderHash, address indexed account);
    event LeastNonceChanged(address indexed account, uint256 leastNonce);

    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(address account,bytes32 feedId,int256 size,uint256 price,uint16 maxFeeBps,uint64 expiry,uint256 nonce)"
    );

    /// By order hash: how much of the size is done.
    mapping(bytes32 => uint256) public filled;
    /// Orders with a lower nonce are void.
    mapping(address => uint256) public leastNonce;

    /// Fills a part of two orders at a price that both accept. Each account meets the initial margin afterwards, or its
    /// position has shrunk and it is healthier. The buyer's cost is rounded up, the seller's proceeds down; the insurance
    /// fund gets the difference and both fees.
    function trade(SignedOrder calldata buy, SignedOrder calldata sell, uint256 size, uint256 price)
        external
        onlyOperator
        whenRunning
        nonReentrant
    {
        bytes32 feedId = buy.order.feedId;
        _checkPair(buy.order, sell.order);
        if (size == 0 || price == 0) revert ZeroAmount();
        if (size > MOST_SIZE) revert SizeOutOfRange(feedId, size.toInt());
        bytes32 buyHash = _fill(buy, size, price);
        bytes32 sellHash = _fill(sell, size, price);

        uint256 proceeds = Fixed.abs(_value(size.toInt(), price));
        uint256 cost = Fixed.abs(_value(-size.toInt(), price));
        uint256 fee = _share(cost, engineRules.tradeFeeBps);
        _take(buy.order.account, feedId, size.toInt(), -cost.toInt(), fee);
        _take(sell.order.account, feedId, -size.toInt(), proceeds.toInt(), fee);
        if (cost + 2 * fee > proceeds) _setInsurance(insuranceFund + cost - proceeds + 2 * fee);
        emit Traded(feedId, buy.order.account, sell.order.account, size, price, fee, buyHash, sellHash);
    }

    /// Only the account itself cancels its orders.
    function cancelOrder(Order calldata order) external {
        if (msg.sender != order.account) revert NotOrderOwner(msg.sender, order.account);
        bytes32 id = orderHash(order);
        filled[id] = order.size.abs();
        emit OrderCancelled(id, msg.sender);
    }

    /// Cancels all orders with a lower nonce.
    function raiseLeastNonce(uint256 least) external {
        if (least <= leastNonce[msg.sender]) revert OrderNonceTooLow(msg.sender, least, leastNonce[msg.sender] + 1);
        leastNonce[msg.sender] = least;
        emit LeastNonceChanged(msg.sender, least);
    }

    /// What an account signs.
    function orderHash(Order calldata order) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(ORDER_TYPEHASH, order)));
    }

    function _checkPair(Order calldata buy, Order calldata sell) private view {
        _requireListed(buy.feedId);
        if (buy.feedId != sell.feedId) revert OrdersDiffer(buy.feedId, sell.feedId);
        if (buy.account == sell.account) revert SameAccount(buy.account);
        if (buy.size <= 0) revert OrderWrongSide(buy.account, buy.size);
        if (sell.size >= 0) revert OrderWrongSide(sell.account, sell.size);
    }

    function _fill(SignedOrder calldata signed, uint256 size, uint256 price) private returns (bytes32 id) {
        Order calldata order = signed.order;
        address owner = order.account;
        if (block.timestamp > order.expiry) revert OrderExpired(owner, order.expiry);
        if (order.nonce < leastNonce[owner]) revert OrderNonceTooLow(owner, order.nonce, leastNonce[owner]);
        if (order.size > 0 ? price > order.price : price < order.price) {
            revert OrderPriceBroken(owner, price, order.price);
        }
        if (engineRules.tradeFeeBps > order.maxFeeBps) {
            revert OrderFeeTooHigh(owner, engineRules.tradeFeeBps, order.maxFeeBps);
        }
        id = orderHash(order);
        address signer = _recover(id, signed.v, signed.r, signed.s);
        if (signer == address(0) || signer != owner) revert InvalidOrderSignature(owner);
        uint256 left = order.size.abs() - filled[id];
        if (size > left) revert OrderOverfilled(owner, size, left);
        filled[id] += size;
    }

    function _take(address owner, bytes32 feedId, int256 size, int256 cash, uint256 fee) private {
        Margin memory earlier = _margin(owner);
        int256 before = positionOf[owner][feedId].size;
        _change(owner, feedId, size, cash, -fee.toInt());
        int256 later = before + size;
        bool shrinks = later.abs() < before.abs() && (later == 0 || (later > 0) == (before > 0));
        if (!shrinks && rulesOf[feedId].status == Status.ReduceOnly) revert MarketReduceOnly(feedId, owner);
        Margin memory margin = _margin(owner);
        if (margin.value >= margin.initial.toInt()) return;
        if (!shrinks || !_isHealthier(earlier, margin)) revert MarginTooLow(owner, margin.value, margin.initial);
    }
}
